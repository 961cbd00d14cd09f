import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size: the hot path allocates next to nothing, and the
 * semi-spaces that loading the libraries asks for would stay, 5 MB of resident memory. The old
 * generation may grow to four times what lives in it before it is collected: its limit counts the
 * columns of the RIB too, which else ask for a collection with every ten MB, a tenth of the CPU time
 * of a full table (bench S3b). To be imported before anything else.
 */
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=300');
