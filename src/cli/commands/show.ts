import type { Command } from 'commander';
import type { Cli } from '../host.ts';
import { addShowBfd } from './show-bfd.ts';
import { addShowBgp } from './show-bgp.ts';
import { addShowCoherence } from './show-coherence.ts';
import { addShowDrains } from './show-drains.ts';
import { addShowEvents } from './show-events.ts';
import { addShowFailovers } from './show-failovers.ts';
import { addShowPeers } from './show-peers.ts';
import { addShowRib } from './show-rib.ts';
import { addShowRoute } from './show-route.ts';
import { addShowServices } from './show-services.ts';
import { addShowStatus } from './show-status.ts';

export function addShow(parent: Command, cli: Cli): void {
  const show = parent.command('show').summary('show the daemon, its peers, routes and services');
  addShowStatus(show, cli);
  addShowPeers(show, cli);
  addShowRoute(show, cli);
  addShowRib(show, cli);
  addShowBgp(show, cli);
  addShowServices(show, cli);
  addShowBfd(show, cli);
  addShowCoherence(show, cli);
  addShowDrains(show, cli);
  addShowEvents(show, cli);
  addShowFailovers(show, cli);
}
