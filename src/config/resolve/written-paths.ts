import { dirname } from 'node:path';
import type { Scope } from '#yaml/scope.ts';
import type { Place } from '#yaml/source.ts';

/*
 * Paths at which the daemon writes. What does not exist is no fault, because the configuration may be checked on another
 * machine, and the daemon creates it; neither is what this user may not write, because the daemon may run as another.
 */

/**
 * Adds an error if the path of a directory, or of one of its parents, is something else. The parents from `known` up,
 * which is the path of another key, are left to that key.
 */
export function checkFolder(
  scope: Scope,
  place: Place,
  key: string,
  path: string,
  known?: string,
): void {
  if (!scope.mayReadFiles) return;
  const obstacle = obstacleIn(scope, path, known);
  if (obstacle === path) {
    scope.problems.add(place, `${key}: ${path} is not a directory`);
  } else if (obstacle !== undefined) {
    scope.problems.add(place, `${key}: ${path} cannot be created, ${notIn(obstacle)}`);
  }
}

/** Adds an error if no socket can be created at the path, because something else is there or in place of a parent. */
export function checkSocket(scope: Scope, place: Place, key: string, path: string): void {
  if (!scope.mayReadFiles) return;
  const kind = scope.host.kindOf(path);
  if (kind === 'folder' || kind === 'other') {
    scope.problems.add(place, `${key}: ${path} is not a socket; choose another path`);
    return;
  }
  const obstacle = obstacleIn(scope, dirname(path));
  if (obstacle !== undefined) {
    scope.problems.add(place, `${key}: ${path} cannot be created, ${notIn(obstacle)}`);
  }
}

function notIn(obstacle: string): string {
  return `because ${obstacle} is not a directory`;
}

/** Returns the path, or the nearest of its parents, that exists and is no directory. */
function obstacleIn({ host }: Scope, path: string, known?: string): string | undefined {
  for (let at = path; at !== known; at = dirname(at)) {
    const kind = host.kindOf(at);
    if (kind === 'folder') return undefined;
    if (kind === 'socket' || kind === 'other') return at;
    if (dirname(at) === at) return undefined;
  }
  return undefined;
}
