// The console: what is started once.
import { render } from 'preact';
import './css/tokens.css';
import './css/base.css';
import './css/parts.css';
import { startKeys } from './lib/keys';
import { startTheme } from './lib/prefs';
import { start } from './lib/router';
import { Enter } from './pages/enter';
import { Shell } from './shell';

startTheme();
start();
startKeys();
render(<Enter>{() => <Shell />}</Enter>, document.getElementById('app')!);
