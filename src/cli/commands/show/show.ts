import type { Command } from 'commander';
import type { Cli } from '../../cli-parts.ts';
import { addShowBfd } from './bfd.ts';
import { addShowBgp } from './bgp.ts';
import { addShowBmp } from './bmp.ts';
import { addShowCoherence } from './coherence.ts';
import { addShowConfig } from './config.ts';
import { addShowDrains } from './drains.ts';
import { addShowEvents } from './events.ts';
import { addShowFailovers } from './failovers.ts';
import { addShowPeers } from './peers.ts';
import { addShowRib } from './rib.ts';
import { addShowRoute } from './route.ts';
import { addShowRpki } from './rpki.ts';
import { addShowServices } from './services.ts';
import { addShowStatus } from './status.ts';
import { addShowTrouble } from './trouble.ts';

export function addShow(parent: Command, cli: Cli): void {
  // `sh` is what operators have always typed, although `shutdown` begins with it too.
  const show = parent
    .command('show')
    .alias('sh')
    .summary('show the daemon, its peers, routes and services');
  addShowStatus(show, cli);
  addShowPeers(show, cli);
  addShowRoute(show, cli);
  addShowRib(show, cli);
  addShowBgp(show, cli);
  addShowServices(show, cli);
  addShowBfd(show, cli);
  addShowRpki(show, cli);
  addShowBmp(show, cli);
  addShowCoherence(show, cli);
  addShowConfig(show, cli);
  addShowDrains(show, cli);
  addShowEvents(show, cli);
  addShowFailovers(show, cli);
  addShowTrouble(show, cli);
}
