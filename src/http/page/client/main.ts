import { keepTimes } from './ages.ts';
import { offerCopies } from './copy.ts';
import { moveInGrids } from './grid.ts';
import { handleKeys } from './keys.ts';
import { followDaemon } from './live.ts';
import { loadWhileScrolling } from './scroll.ts';
import { sendWrites } from './write.ts';

/** What a page can do beyond what the server has made; without any of it the page is complete. */
keepTimes();
offerCopies();
handleKeys();
moveInGrids();
loadWhileScrolling();
sendWrites();
followDaemon();
