"""What other programs read: calendars, the open feed of sessions, its public page, and sheets for the office."""
