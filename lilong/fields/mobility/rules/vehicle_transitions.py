"""Which event leads a vehicle from which state to which: the tables of the Mobility Data Specification 2.0.2.

From the Mobility Data Specification, `modes/*.md`, "Vehicle State Events" and "State Transitions", by the Open Mobility
Foundation, CC-BY-4.0. Brought into lines of `event: from > to`; a trip's state stands in brackets where the table names one.
Several states between `|` are several rows. Events are spelled as in these tables.
"""

CAR_SHARE = """
charging_end: stopped > stopped [stopped]
charging_start: stopped > stopped [stopped]
comms_lost: available|elsewhere|non_operational|on_trip|removed|reserved|stopped > non_contactable
comms_restored: non_contactable > available
comms_restored: non_contactable > elsewhere
comms_restored: non_contactable > non_operational
comms_restored: non_contactable > on_trip [on_trip]
comms_restored: non_contactable > removed
comms_restored: non_contactable > reserved [reserved]
comms_restored: non_contactable > stopped [stopped]
customer_cancellation: reserved|stopped > available
decommissioned: non_operational > removed
driver_cancellation: reserved|stopped > available
fueling_end: stopped > stopped [stopped]
fueling_start: stopped > stopped [stopped]
maintenance: non_operational > removed
maintenance_end: removed > non_operational
maintenance_pick_up: non_operational > removed
provider_cancellation: reserved|stopped > available
recommissioned: removed > non_operational
remote_end: stopped > stopped [stopped]
remote_start: stopped > stopped [stopped]
reservation_start: available > reserved [reserved]
reservation_stop: reserved > stopped [stopped]
service_end: available > non_operational
service_start: non_operational > available
trip_end: stopped > available
trip_enter_jurisdiction: elsewhere > available
trip_enter_jurisdiction: elsewhere > non_operational
trip_enter_jurisdiction: elsewhere > on_trip [on_trip]
trip_enter_jurisdiction: elsewhere > reserved
trip_leave_jurisdiction: available|non_operational|on_trip|reserved > elsewhere
trip_resume: stopped > on_trip [on_trip]
trip_start: stopped > on_trip [on_trip]
trip_stop: on_trip > stopped [stopped]
"""

PASSENGER_SERVICES = """
comms_lost: available|elsewhere|non_operational|on_trip|removed|reserved|stopped > non_contactable
comms_restored: non_contactable > available
comms_restored: non_contactable > elsewhere
comms_restored: non_contactable > non_operational
comms_restored: non_contactable > on_trip [on_trip]
comms_restored: non_contactable > removed
comms_restored: non_contactable > reserved [reserved]
comms_restored: non_contactable > stopped [stopped]
decommissioned: non_operational > removed
driver_cancellation: reserved|stopped > available
maintenance: non_operational > non_operational
maintenance_end: non_operational|removed > non_operational
maintenance_pick_up: non_operational > removed
passenger_cancellation: reserved|stopped > available
provider_cancellation: reserved|stopped > available
recommissioned: removed > non_operational
reservation_start: available > reserved [reserved]
reservation_stop: reserved > stopped [stopped]
service_end: available > non_operational
service_start: non_operational > available
trip_end: stopped > available
trip_enter_jurisdiction: elsewhere > available
trip_enter_jurisdiction: elsewhere > non_operational
trip_enter_jurisdiction: elsewhere > on_trip [on_trip]
trip_enter_jurisdiction: elsewhere > reserved
trip_leave_jurisdiction: available|non_operational|on_trip|reserved > elsewhere
trip_resume: stopped > on_trip [on_trip]
trip_start: stopped > on_trip [on_trip]
trip_stop: on_trip > stopped [stopped]
"""

DELIVERY_ROBOTS = """
comms_lost: available|elsewhere|non_operational|on_trip|removed|reserved|stopped > non_contactable
comms_restored: non_contactable > available
comms_restored: non_contactable > elsewhere
comms_restored: non_contactable > non_operational
comms_restored: non_contactable > on_trip [on_trip]
comms_restored: non_contactable > removed
comms_restored: non_contactable > reserved [reserved]
comms_restored: non_contactable > stopped [stopped]
customer_cancellation: reserved|stopped > available
decommissioned: non_operational > removed
driver_cancellation: reserved|stopped > available
located: missing > available
located: missing > elsewhere
located: missing > non_operational
located: missing > on_trip [on_trip]
located: missing > removed
located: missing > reserved [reserved]
located: missing > stopped [stopped]
maintenance: non_operational > non_operational
maintenance_end: non_operational|removed > non_operational
maintenance_pick_up: non_operational > removed
not_located: non_contactable > missing
order_drop_off: on_trip > stopped
order_pick_up: on_trip > stopped [stopped]
provider_cancellation: reserved|stopped > available
recommissioned: removed > non_operational
reservation_start: available > reserved [reserved]
reservation_stop: reserved > stopped [stopped]
service_end: available > non_operational
service_start: non_operational > available
trip_end: stopped > available
trip_enter_jurisdiction: elsewhere > available
trip_enter_jurisdiction: elsewhere > non_operational
trip_enter_jurisdiction: elsewhere > on_trip [on_trip]
trip_enter_jurisdiction: elsewhere > reserved
trip_leave_jurisdiction: available|non_operational|on_trip|reserved > elsewhere
trip_pause: on_trip > stopped [stopped]
trip_resume: stopped > on_trip [on_trip]
trip_start: stopped > on_trip [on_trip]
"""

MICROMOBILITY = """
agency_drop_off: missing|non_contactable|removed > available
agency_pick_up: available|elsewhere|missing|non_contactable|non_operational > removed
battery_charged: non_operational > available
battery_low: available > non_operational
changed_geographies: on_trip > on_trip
comms_lost: available|elsewhere|non_operational|on_trip|removed|reserved > non_contactable
comms_restored: non_contactable > available
comms_restored: non_contactable > elsewhere
comms_restored: non_contactable > non_operational
comms_restored: non_contactable > on_trip
comms_restored: non_contactable > removed
comms_restored: non_contactable > reserved
compliance_pick_up: available|elsewhere|non_operational > removed
decommissioned: available|elsewhere|missing|non_contactable|non_operational > removed
located: missing > available
located: missing > elsewhere
located: missing > non_operational
located: missing > on_trip
located: missing > removed
located: missing > reserved
maintenance: available > non_operational
maintenance: non_operational > available
maintenance_pick_up: available|elsewhere|non_operational > removed
not_located: non_contactable > missing
off_hours: available > non_operational
on_hours: non_operational > available
provider_drop_off: missing|non_contactable|removed > available
rebalance_pick_up: available|elsewhere|non_operational > removed
reservation_cancel: reserved > available
reservation_start: available > reserved
system_resume: non_operational > available
system_suspend: available > non_operational
trip_cancel: on_trip > available
trip_end: on_trip > available
trip_enter_jurisdiction: elsewhere > on_trip
trip_leave_jurisdiction: on_trip > elsewhere
trip_start: available|reserved > on_trip
unspecified: available|elsewhere|missing|non_contactable|non_operational > removed
unspecified: available|elsewhere|non_operational|on_trip|removed|reserved > non_contactable
unspecified: available|missing|non_contactable > non_operational
unspecified: missing|non_contactable > elsewhere
unspecified: missing|non_contactable > on_trip
unspecified: missing|non_contactable > reserved
unspecified: missing|non_contactable|non_operational > available
unspecified: non_contactable > missing
"""
