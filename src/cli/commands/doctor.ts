import type { Command } from 'commander';
import type { DoctorListView } from '#api/views/doctor.ts';
import type { PeerView } from '#api/views/peer.ts';
import { exitCodes } from '../cli-error.ts';
import type { Cli } from '../cli-parts.ts';
import { examples } from '../examples.ts';
import { peerPath } from '../pages.ts';
import { doctorText, opensText } from '../views/doctor.ts';

export function addDoctor(parent: Command, cli: Cli): void {
  parent
    .command('doctor')
    .summary('find what is wrong, and how to fix it on both sides')
    .description(
      'Examines sessions, OPEN messages, routes and the configuration. Reports what does not work, what is probably ' +
        'not intended, and where fingerpost is stricter than a plain BIRD or FRR, each with its evidence and the fix on ' +
        'both sides. With a peer, reports only on that peer, after both OPENs. The exit status is 1 if there is an error.',
    )
    .argument('[peer]', 'name or address; default: everything')
    .addHelpText('after', examples(['doctor', ''], ['doctor W1', 'one peer, and both OPENs']))
    .action(async (peer: string | undefined) => {
      const query = peer === undefined ? '' : `?${new URLSearchParams({ peer }).toString()}`;
      const client = cli.client();
      const { text, value } = await client.get<DoctorListView>(`/api/v1/doctor${query}`);
      if (value.items.some(({ severity }) => severity === 'error')) {
        cli.exitCode = exitCodes.refused;
      }
      if (cli.settings().json) {
        cli.print(text);
        return;
      }
      if (peer !== undefined) {
        cli.print(opensText((await client.get<PeerView>(peerPath(peer))).value));
      }
      cli.print(doctorText(value.items));
    });
}
