import { RenderError, type RenderTarget } from './target.ts';
import { lines, when } from './text.ts';

/** Renders the exabgp.conf of a node, which announces its addresses by ExaBGP's own health check. */
export function renderExabgp(target: RenderTarget): string {
  if (!target.announces) {
    throw new RenderError(
      `${target.name}: import is none, but ExaBGP only announces routes: choose a peer whose routes are accepted`,
    );
  }
  const addresses = target.addressesToAnnounce.map(({ prefix }) => `--ip ${prefix}`);
  const check = [
    '/usr/bin/exabgp-healthcheck --no-syslog --no-ip-setup',
    '--interval 5 --fast-interval 1 --rise 3 --fall 3',
    '--up-metric 100 --disabled-metric 500 --down-metric 1000',
    '--disable /run/exabgp/maintenance',
    '--command /etc/exabgp/check',
    ...addresses,
  ].join(' ');
  return lines([
    `# ExaBGP on ${target.name}, a peer of the fingerpost at ${target.ourAddress}.`,
    '# Tested with ExaBGP 4.2; the syntax is valid for ExaBGP 5, too.',
    '#',
    '# /etc/exabgp/check is a program that ends with status 0 while the service on this node works, for example',
    `#   #!/bin/sh`,
    `#   exec curl --fail --silent --max-time 4 --output /dev/null http://${bracketed(target.theirAddress)}/`,
    '# The k-th address has MED 100 + k while healthy, 500 + k while /run/exabgp/maintenance exists, and 1000 + k after a failure.',
    ...when(
      addresses.length === 0,
      '# The configuration of fingerpost lists no single address (`home:`): add --ip ADDRESS for each.',
    ),
    'process service-check {',
    [`run ${check};`, 'encoder text;'],
    '}',
    '',
    `neighbor ${target.ourAddress} {`,
    [
      '# Give each node its own id.',
      `router-id ${target.theirRouterId};`,
      `local-address ${target.theirAddress};`,
      `local-as ${target.theirAs};`,
      `peer-as ${target.ourAs};`,
      `hold-time ${target.holdTimeSec};`,
      ...when(target.ourPort !== 179, `connect ${target.ourPort};`),
      ...when(target.gtsm, 'outgoing-ttl 255;'),
      ...when(target.hasPassword, '# md5-password "the key of the session";'),
      'api { processes [ service-check ]; }',
    ],
    '}',
  ]);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
