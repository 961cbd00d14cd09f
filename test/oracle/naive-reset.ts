/** Thrown if the session must end with this NOTIFICATION, such as `3/1`. */
export class NaiveReset extends Error {}
