/** The listeners stand at top level, so that an event can wake the worker at any time. */
import { route } from './router/router.js';
import { refreshSites } from './router/scs_sites.js';

chrome.runtime.onConnect.addListener(route);
chrome.runtime.onInstalled.addListener(refreshSites);
chrome.runtime.onStartup.addListener(refreshSites);
