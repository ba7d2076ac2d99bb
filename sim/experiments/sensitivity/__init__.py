"""Which numbers matter: screening after Morris, shares of variance after Sobol, PAWN on any sweep; all by SALib."""
