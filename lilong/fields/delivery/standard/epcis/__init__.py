"""EPCIS 2.0: custody and the cold chain as events that trading partners read."""
