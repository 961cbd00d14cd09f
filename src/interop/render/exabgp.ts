import { RenderError, type RenderTarget } from './target.ts';
import { lines, when } from './text.ts';

/** exabgp.conf of a node: its addresses by ExaBGP's own health check. */
export function renderExabgp(target: RenderTarget): string {
  if (!target.announces) {
    throw new RenderError(
      `${target.name}: import is none, and ExaBGP only announces: render it for a peer that routes are accepted from`,
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
    '# Tried with ExaBGP 4.2; ExaBGP 5 takes the same words.',
    '#',
    '# /etc/exabgp/check is a program that ends with status 0 while the service on this node works, for example',
    `#   #!/bin/sh`,
    `#   exec curl --fail --silent --max-time 4 --output /dev/null http://${bracketed(target.theirAddress)}/`,
    '# Healthy, the k-th address has MED 100 + k; while /run/exabgp/maintenance exists 500 + k; failed 1000 + k.',
    ...when(
      addresses.length === 0,
      '# The configuration of fingerpost names no single address (`home:`): add --ip ADDRESS for each.',
    ),
    'process service-check {',
    [`run ${check};`, 'encoder text;'],
    '}',
    '',
    `neighbor ${target.ourAddress} {`,
    [
      '# An id of its own on each node.',
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
