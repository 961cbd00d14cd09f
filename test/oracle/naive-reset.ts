/** The session ends, with this NOTIFICATION: `3/1`. */
export class NaiveReset extends Error {}
