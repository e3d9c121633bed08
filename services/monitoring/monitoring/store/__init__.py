"""Every query of monitoring: what is learned from events, what the formulas read, the councils' baseline prices."""
