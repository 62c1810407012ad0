"""What happens: programmes, sessions, calendar, enrolment, queue, draws, standing, door, children in care, counts."""
