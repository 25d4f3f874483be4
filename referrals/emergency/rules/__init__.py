"""The chain's rules without framework, database or clock: values in, values out."""
