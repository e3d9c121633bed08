"""Real PostgreSQL and RabbitMQ for the tests, found or started; never quietly left out."""
