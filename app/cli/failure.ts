/** Something that the person at the command line can mend: shown as one line on stderr, exit status 1. */
export class Failure extends Error {}
