import { ipv4Plan } from './plan.ts';
import { describeRoutes } from './routes-scenario.ts';

describeRoutes(ipv4Plan);
