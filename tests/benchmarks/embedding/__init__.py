"""What embedding texts costs."""
