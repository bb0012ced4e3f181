"""Stack files, their typed form, and what one environment per target is made of."""
