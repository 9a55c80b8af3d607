/** The listener stands at top level, so that an event can wake the worker at any time. */
import { route } from './router/router.js';

chrome.runtime.onConnect.addListener(route);
