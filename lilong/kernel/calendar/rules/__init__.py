"""Pure decisions of the calendar: opening hours across time zones, what fits them, what is free, iCalendar text."""
