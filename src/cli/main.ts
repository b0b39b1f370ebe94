#!/usr/bin/env node
import { leave, processIo } from './io.ts';
import { main } from './program.ts';

leave(await main(processIo()));
