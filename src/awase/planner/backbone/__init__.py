"""The backbone and its undersea cables: what a cut, a supplier's loss or a mistrusted route does to traffic.

`network.Backbone` is what all else starts from: of an estate (`network.of_estate`), of topohub (`topologies`), of own
files (`own_files`), of a user's copy of TeleGeography's map (`telegeography`). `cuts` reroutes over the surviving
shortest paths; `flow` says exactly how much could still be carried; `additions` what to build; `repair` how long it
hurts; `carrying` keeps classes of traffic off suppliers, owners and countries; `study` does all of it.
"""
