// The script of every page. Nothing here is needed to read: it adds the key
// that focuses the search, the list of its hits, the read-out of charts and their
// controls, and filters and pages that are still loading without a full reload.
import { search } from "../search/combobox.js";
import { filters, refresh } from "../layout/swap.js";
import { figures } from "../figure/figure.js";

const main = () => document.getElementById("main");
const enhance = () => figures(main());

search();
filters(enhance);
refresh(enhance);
enhance();
