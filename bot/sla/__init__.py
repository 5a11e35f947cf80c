"""What is promised of tickets, counted in the hours in which the desk works."""
