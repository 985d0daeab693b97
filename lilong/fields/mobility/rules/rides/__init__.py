"""Ride hailing: tariffs and fares, the match of riders and cars, the life of a ride, the meter, the start codes."""
