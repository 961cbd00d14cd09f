/**
 * Pages that look at a daemon, in a process that yields to all others: they stand for readers at machines of their own.
 * The arguments are the address of the page, how many there are, and the first three octets that they ask from. It says
 * what they saw, as JSON in one line, when it is asked to end by SIGTERM.
 */
import { setPriority } from 'node:os';
import { OpenPages } from './open-pages.ts';

setPriority(19);
const [base, count, from] = process.argv.slice(2);
const pages = new OpenPages({ base, count: Number(count), from });
process.once('SIGTERM', () => {
  const { refreshes, longestMs } = pages;
  pages.close();
  console.log(JSON.stringify({ refreshes, longestMs }));
});
