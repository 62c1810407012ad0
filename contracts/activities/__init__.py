"""What happens: programmes, sessions, enrolment, offers, attendance, counts."""
