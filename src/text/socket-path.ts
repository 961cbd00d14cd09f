/** The most bytes in the path of a Unix socket: those of sun_path without the final zero (Linux, unix(7)). */
export const longestSocketPath = 107;

/** The most bytes in the path of the control socket, which is created with `.new` at the end of its name. */
export const longestControlPath = longestSocketPath - '.new'.length;
