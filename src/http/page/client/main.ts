import { keepTimes } from './ages.ts';
import { offerCopies } from './copy.ts';
import { moveInGrids } from './grid.ts';
import { handleKeys } from './keys.ts';
import { followDaemon } from './live.ts';
import { loadWhileScrolling } from './scroll.ts';
import { sendWrites } from './write.ts';

/** Starts what a page can do beyond what the server has made; the page is complete without it. */
keepTimes();
offerCopies();
handleKeys();
moveInGrids();
loadWhileScrolling();
sendWrites();
followDaemon();
