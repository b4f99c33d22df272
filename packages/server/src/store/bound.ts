/**
 * A bound value of which SQLite's planner knows nothing. The driver's SQLite plans a statement anew each time that a value
 * is bound on which the plan could depend (it has STAT4): one in a join, and that of a LIMIT. That takes longer than a
 * look-up. An expression is no such value.
 *
 * @see https://sqlite.org/c3ref/prepare.html on sqlite3_prepare_v2 and bound parameters
 */
export const VALUE = "(SELECT ?)";
