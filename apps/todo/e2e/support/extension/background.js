// Tests call `chrome.tabs` in here.
