import { ipv6Plan } from './plan.ts';
import { describeRoutes } from './routes-scenario.ts';

describeRoutes(ipv6Plan);
