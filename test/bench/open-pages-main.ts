/**
 * Open pages of a daemon, in a process that yields to all others, because they represent readers on other machines.
 * The arguments are the URL of the page, the number of pages, and the first three octets of their source addresses.
 * On SIGTERM it prints what they saw as one line of JSON and ends.
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
