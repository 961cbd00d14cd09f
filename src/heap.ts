import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size: the hot path allocates next to nothing, and the
 * semi-spaces that loading the libraries asks for would stay, 5 MB of resident memory. To be imported
 * before anything else.
 */
setFlagsFromString('--semi-space-growth-factor=1');
