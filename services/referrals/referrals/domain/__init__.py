"""The pure rules of referring and placing a child: no clock, no database, no HTTP. One file a noun."""
