import { writeFileSync } from 'node:fs';
import { pause } from '#support/wait.ts';
import { arrivals } from '../arrivals.ts';
import type { KernelWatch, Serving } from '../kernel-watch.ts';
import { servedWithout } from '../plan.ts';
import { Requests } from '../requests.ts';
import { published, type RunningLab } from '../running-lab.ts';
import { ansiText, type Frame, plainText } from './frame.ts';
import { Scene } from './scene.ts';
import { type Shown, svg } from './svg.ts';

interface Act {
  readonly caption: string;
  readonly happen: (lab: RunningLab) => Promise<void> | void;
  /** The nodes to which all five routers then lead. */
  readonly want: Serving;
  /** Whether this differs from before. */
  readonly moves: boolean;
  /** The seconds for which it is shown. */
  readonly restSec: number;
}

const moved = servedWithout('W1');

const acts: readonly Act[] = [
  {
    caption: 'All is well: W1 serves ::3, W3 is its backup.',
    happen: () => undefined,
    want: published,
    moves: false,
    restSec: 3,
  },
  {
    caption: 'nginx on W1 stops. Its health check fails three times, then says MED 1000.',
    happen: (lab) => lab.node('W1').stopWeb(),
    want: moved,
    moves: true,
    restSec: 2,
  },
  {
    caption: 'nginx on W1 is back. Three good checks, then MED 100 again.',
    happen: (lab) => lab.node('W1').startWeb(),
    want: published,
    moves: true,
    restSec: 2,
  },
  {
    caption: 'ExaBGP on W1 is killed: its sessions end at once, with them its routes.',
    happen: (lab) => lab.node('W1').killExabgp(),
    want: moved,
    moves: true,
    restSec: 3,
  },
  {
    caption: 'ExaBGP on W1 is back.',
    happen: (lab) => lab.node('W1').startExabgp(),
    want: published,
    moves: true,
    restSec: 2,
  },
  {
    caption: 'BIRD and FRR are stopped: fingerpost alone keeps the service.',
    happen: async (lab) => {
      await Promise.all([lab.routeServer('RS4').stop(), lab.routeServer('RS5').stop()]);
    },
    want: published,
    moves: false,
    restSec: 3,
  },
  {
    caption: 'ExaBGP on W1 is killed again, with fingerpost alone.',
    happen: (lab) => lab.node('W1').killExabgp(),
    want: moved,
    moves: true,
    restSec: 3,
  },
  {
    caption: 'All are back.',
    happen: (lab) => {
      lab.node('W1').startExabgp();
      for (const routeServer of lab.routeServers) routeServer.start();
    },
    want: published,
    moves: true,
    restSec: 3,
  },
];

/** Plays a failover, live on a terminal or line by line elsewhere; `record` names files to write it to. */
export async function playDemo(lab: RunningLab, record: string | undefined): Promise<void> {
  const kernels = lab.watchKernels();
  const requests = new Requests(lab.client.host);
  const close = (): void => {
    kernels.close();
    requests.close();
    if (process.stdout.isTTY) process.stdout.write('\x1b[?25h');
  };
  process.once('exit', close);
  try {
    await requests.running();
    const scene = new Scene(lab, kernels, requests);
    const film = await filmed(scene, () => play(scene, lab, kernels));
    if (record !== undefined) save(record, scene, film);
  } finally {
    close();
    process.off('exit', close);
  }
}

async function play(scene: Scene, lab: RunningLab, kernels: KernelWatch): Promise<void> {
  for (const act of acts) {
    scene.caption = act.caption;
    scene.note(act.caption, 'bold');
    const since = Date.now();
    await act.happen(lab);
    const done = await kernels.until(act.want, 60);
    if (act.moves) {
      const seconds = ((done - since) / 1000).toFixed(2);
      const to = `five routers lead ::3 to ${act.want['2001:db8:30::3']}`;
      scene.note(`${to}, after ${seconds} s`, 'good', done);
      await tellArrivals(scene, lab, since);
    }
    await pause(act.restSec * 1000);
  }
}

/** Adds when the update of each route server had arrived at all five. */
async function tellArrivals(scene: Scene, lab: RunningLab, since: number): Promise<void> {
  await pause(300);
  const told = [...arrivals(lab, '2001:db8:30::3/128', since)].map(
    ([name, seconds]) => `${name} ${seconds.toFixed(2)} s`,
  );
  scene.note(`told by ${told.join(', ')}`, 'dim');
}

const everyMs = 400;

/** Draws during the action, and keeps what was drawn. */
async function filmed(scene: Scene, happen: () => Promise<void>): Promise<Shown[]> {
  const film: Shown[] = [];
  const show = screen(scene);
  const camera = { isOn: true };
  const shooting = (async () => {
    let last = Date.now();
    while (camera.isOn) {
      await scene.refresh();
      const frame = scene.draw();
      show(frame);
      await pause(everyMs);
      film.push({ frame, ms: Date.now() - last });
      last = Date.now();
    }
  })();
  try {
    await happen();
  } finally {
    camera.isOn = false;
    await shooting;
  }
  return film;
}

/** Redraws a terminal; elsewhere prints each note once. */
function screen(scene: Scene): (frame: Frame) => void {
  if (process.stdout.isTTY) {
    process.stdout.write('\x1b[2J\x1b[?25l');
    return (frame) => process.stdout.write(ansiText(frame));
  }
  let told = 0;
  return () => {
    for (const { seconds, text } of scene.notes.slice(told)) {
      console.log(`${seconds.toFixed(2).padStart(6)} s  ${text}`);
    }
    told = scene.notes.length;
  };
}

/** Writes the animation, and the story as text with the last frame of each act. */
function save(record: string, scene: Scene, film: readonly Shown[]): void {
  writeFileSync(`${record}.svg`, svg(film));
  const story = scene.notes.map(
    ({ seconds, text }) => `${seconds.toFixed(2).padStart(6)} s  ${text}`,
  );
  const [first] = film;
  writeFileSync(`${record}.txt`, `${plainText(first.frame)}\n\n${story.join('\n')}\n`);
}
