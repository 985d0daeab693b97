"""JT/T 808: how road vehicles' terminals talk to a platform over TCP. The editions of 2013 and 2019. Pure, no I/O."""
