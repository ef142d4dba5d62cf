/** Name of the IndexedDB database that holds a copy of the last observation. */
export const FINGERPRINT_DATABASE = 'helloagain'
