"""Ground floor: settings and paths, the engine protocol with its implementations, and the contract reader."""
