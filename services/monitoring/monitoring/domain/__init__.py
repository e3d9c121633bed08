"""What a figure is and how it is counted: pure functions over facts, each KPI declared once."""
