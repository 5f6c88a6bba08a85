/* page.js: draw what the JSON in #data says. */
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const samples = data.samples;
const last = samples[samples.length - 1];
const runs = data.runs || [];
const $ = (id) => document.getElementById(id);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* Colours that differ in hue and hold on both backgrounds. */
const palette = ["#4e91b5", "#e08a3c", "#5aa772", "#c8586c", "#8b78c6", "#b59a3b", "#4fb0a5",
	"#c274b0", "#7c8fa6", "#9c7356", "#6aa2e0", "#a3b04a"];
const byMemory = [...last.caches].sort((a, b) => b.memory_bytes - a.memory_bytes);
const shown = byMemory.filter((c) => c.memory_bytes > 0).slice(0, palette.length).map((c) => c.name);
const colourOf = (name) => shown.includes(name) ? palette[shown.indexOf(name)] : "#98a2b3";

function bytes(n) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let i = 0;
	while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
	return (i === 0 ? n : n.toFixed(n < 10 ? 2 : 1)) + " " + units[i];
}

const count = (n) => n.toLocaleString("en-US");
const percent = (part, whole) => whole ? (100 * part / whole).toFixed(1) + " %" : "-";

/* ---- Words and numbers ---------------------------------------------------------------- */

function text(tag, words, parent) {
	const element = document.createElement(tag);
	element.textContent = words;
	parent.append(element);
	return element;
}

function head() {
	const when = last.time_seconds ? new Date(last.time_seconds * 1000).toISOString()
		.replace("T", " ").replace(/\..*/, " UTC") : "a core";
	const time = last.time_seconds - samples[0].time_seconds;
	const who = /^\d+$/.test(last.target) ? "process " + last.target : last.target;
	$("title").textContent = who;
	$("subtitle").textContent = `ukmem ${last.ukmem} · ${when} · ` + (samples.length === 1 ?
		"one look" : `${samples.length} samples in ${time.toFixed(time < 10 ? 1 : 0)} s`);
	document.title = "ukmem: " + who;
	for (const [bad, words] of [[last.damaged, "The heap contradicts itself: damaged."],
		[!last.steady, "Some caches changed while they were read."]])
		if (bad)
			text("p", words, $("warnings")).className = "bad";
}

const sum = (f) => last.caches.reduce((s, c) => s + f(c), 0);
const parked = (c) => c.cpuavail + c.sharedavail + c.alienavail;
const unused = (c) => c.memory_bytes - c.live_objs * c.object_size_bytes;

/* Of the calls between two samples, or since the program began; from below. */
function hitRate(now, before) {
	const of = (key) => (now[key] || 0) - (before ? before[key] || 0 : 0);
	const hits = of("hits_at_least"), all = hits + of("alloc_refills") + of("free_flushes");
	return all > 0 && hits >= 0 ? hits / all : null;
}

function totals() {
	const slabs = sum((c) => c.memory_bytes);
	const used = sum((c) => c.live_objs * c.object_size_bytes);
	const hits = hitRate({ hits_at_least: sum((c) => c.hits_at_least || 0),
		alloc_refills: sum((c) => c.alloc_refills), free_flushes: sum((c) => c.free_flushes) });
	const numbers = [
		["slab-bytes", bytes(slabs), "in slabs"],
		["live-bytes", bytes(used), "in live objects"],
		["waste", percent(slabs - used, slabs), "of slabs in no live object"],
		["live-objects", count(sum((c) => c.live_objs)), "live objects"],
		["parked", count(sum(parked)), "wait in arrays"],
		["hit-rate", hits === null ? "-" : "≥ " + (100 * hits).toFixed(1) + " %", "of calls hit"],
		["free-bytes", bytes(last.pages_free_bytes), "in free pages"]];
	if (data.leaks)
		numbers.push(["lost-bytes", bytes(data.leaks.lost_bytes), "lost: no pointer to them"]);
	for (const [id, value, label] of numbers) {
		const box = document.createElement("div");
		text("b", value, box).id = id;
		text("span", label, box);
		$("numbers").append(box);
	}
}

/* What a column is called, its exact value, its shape on the page. */
const columns = [
	["name", "cache", (c) => c.name, (c) => c.name],
	["live_objs", "live", (c) => c.live_objs, (c) => count(c.live_objs)],
	["parked", "waiting", parked, null],
	["object_size_bytes", "size", (c) => c.object_size_bytes, null],
	["num_slabs", "slabs", (c) => c.num_slabs, null],
	["memory_bytes", "memory", (c) => c.memory_bytes, (c) => bytes(c.memory_bytes)],
	["waste", "used", unused, (c) => percent(c.memory_bytes - unused(c), c.memory_bytes)],
	["hits", "hits ≥", (c) => hitRate(c) ?? -1, (c) => hitRate(c) === null ? "-" :
		(100 * hitRate(c)).toFixed(1) + " %"],
	["alloc_refills", "refills", (c) => c.alloc_refills, null],
	["free_flushes", "flushes", (c) => c.free_flushes, null],
];

/* The name's colour, as in the charts; how much of the memory is in live objects. */
function adorn(cell, id, cache) {
	if (id === "name") {
		const box = document.createElement("i");
		box.style.background = colourOf(cache.name);
		cell.prepend(box);
	} else if (id === "waste" && cache.memory_bytes !== 0) {
		const bar = text("span", "", cell);
		bar.className = "bar";
		text("span", "", bar).style.width = 100 * (1 - unused(cache) / cache.memory_bytes) + "%";
	}
}

/* Each cell carries its exact value, for whoever reads the page by program. */
function table(key, up) {
	const [, , value] = columns.find((c) => c[0] === key);
	const rows = [...last.caches].sort((a, b) => {
		const x = value(a), y = value(b);
		return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
	});
	const header = document.createElement("tr");
	$("caches").replaceChildren(header);
	for (const [id, label] of columns) {
		const cell = text("th", label, header);
		if (id === key)
			cell.setAttribute("aria-sort", up ? "ascending" : "descending");
		cell.onclick = () => table(id, id === key ? !up : id === "name");
	}
	for (const cache of rows) {
		const row = document.createElement("tr");
		if (cache.memory_bytes === 0)
			row.className = "idle";
		for (const [id, , exact, shape] of columns) {
			const cell = text("td", shape ? shape(cache) : count(exact(cache)), row);
			cell.dataset.key = id;
			cell.dataset.value = exact(cache);
			adorn(cell, id, cache);
		}
		$("caches").append(row);
	}
}

/* ---- Charts --------------------------------------------------------------------------------- */

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.color = css("--dim");
Chart.defaults.borderColor = css("--grid");
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
Chart.defaults.plugins.legend.position = "bottom";
Object.assign(Chart.defaults.plugins.legend.labels, { boxWidth: 10, boxHeight: 10, padding: 14 });
const charts = [];
const draw = (id, config) => charts.push(new Chart($(id), config));

const seconds = samples.map((s) => s.time_seconds - samples[0].time_seconds);
const find = (sample, name) => sample.caches.find((c) => c.name === name);
const across = { mode: "index", intersect: false };
const time = { type: "linear", title: { display: true, text: "seconds" }, grid: { display: false },
	max: seconds[seconds.length - 1] || 1, ticks: { maxTicksLimit: 12, maxRotation: 0 } };
const byTime = (values, from) => values.map((y, i) => ({ x: seconds[i + from], y }));
const when = (items) => items[0].parsed.x.toFixed(1) + " s";

/* Steps that are round in powers of two. */
const inBytes = (max) => ({ callback: bytes, stepSize: 2 ** Math.ceil(Math.log2(Math.max(max, 8) / 6)) });

function memory() {
	const series = (name, value) => ({ label: name, data: byTime(samples.map(value), 0),
		borderColor: colourOf(name), backgroundColor: colourOf(name) + "aa", borderWidth: 1,
		pointRadius: 0, pointHitRadius: 8 });
	const sets = shown.map((name) => series(name, (s) => (find(s, name) || {}).memory_bytes || 0));
	sets.push(series("other", (s) => s.caches.filter((c) => !shown.includes(c.name))
		.reduce((total, c) => total + c.memory_bytes, 0)));
	sets.forEach((set, i) => { set.fill = i === 0 ? "origin" : "-1"; });
	const words = (item) => ` ${item.dataset.label || item.label}: ${bytes(item.raw.y ?? item.raw)}`;
	const total = sets[0].data.map((_, i) => sets.reduce((all, set) => all + set.data[i].y, 0));
	if (samples.length === 1) {
		draw("memory", { type: "bar", data: { labels: sets.map((s) => s.label),
			datasets: [{ data: sets.map((s) => s.data[0].y), borderRadius: 4,
				backgroundColor: sets.map((s) => s.borderColor) }] },
			options: { indexAxis: "y", plugins: { legend: { display: false },
				tooltip: { callbacks: { label: words } } },
				scales: { x: { ticks: inBytes(Math.max(...sets.map((s) => s.data[0].y))) },
					y: { grid: { display: false } } } } });
		return;
	}
	draw("memory", { type: "line", data: { datasets: sets },
		options: { interaction: across, plugins: { tooltip: { callbacks: { label: words, title: when } } },
			scales: { x: time, y: { stacked: true, min: 0, ticks: inBytes(Math.max(...total)) } } } });
}

/* @value of what a cache is in a sample and in the one before; by cache, over time. */
function overTime(id, value, y) {
	const data = (name) => samples.slice(1).map((now, i) => {
		const one = find(now, name), other = find(samples[i], name);
		return one && other ? value(one, other, now.time_seconds - samples[i].time_seconds) : null;
	});
	draw(id, { type: "line", data: { datasets: shown.slice(0, 8).map((name) => ({ label: name,
		borderColor: colourOf(name), backgroundColor: colourOf(name), borderWidth: 2,
		pointRadius: 1.5, pointHitRadius: 8, data: byTime(data(name), 1) }))
		.filter((set) => set.data.some((point) => point.y)) },
		options: { interaction: across, plugins: { tooltip: { callbacks: { title: when } } },
			scales: { x: time, y } } });
}

function rates() {
	if (samples.length < 2) {
		$("rates-section").remove();
		return;
	}
	overTime("hits", (now, before) => hitRate(now, before), { max: 1,
		ticks: { callback: (v) => (100 * v).toFixed(v > 0.9 && v < 1 ? 1 : 0) + " %" } });
	overTime("misses", (now, before, time) => time > 0 ? (now.alloc_refills + now.free_flushes -
		before.alloc_refills - before.free_flushes) / time : null, { min: 0,
		ticks: { callback: count } });
}

/* ---- Latency ---------------------------------------------------------------------------------- */

const empty = () => Array(32).fill(0);

/* Misses of caches @names by the time they took, while we looked. */
function times(names, call) {
	const total = empty();
	for (const name of names) {
		const now = find(last, name), first = samples.length > 1 && find(samples[0], name);
		const at = (c) => (c && c.misses_by_log2_ns || {})[call] || empty();
		at(now).forEach((n, i) => { total[i] += n - at(first)[i]; });
	}
	return total;
}

function duration(ns) {
	for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]])
		if (ns >= size)
			return +(ns / size).toPrecision(3) + " " + unit;
	return +ns.toPrecision(3) + " ns";
}

/* Within its bucket a time may be anywhere: the bucket's end is told. */
function quantile(buckets, part) {
	let left = part * buckets.reduce((a, b) => a + b, 0);
	return 2 ** (1 + buckets.findIndex((n) => (left -= n) <= 0));
}

function latencyOf(names) {
	const alloc = times(names, "alloc"), free = times(names, "free");
	const used = alloc.map((n, i) => n + free[i] > 0);
	const from = used.indexOf(true), to = used.lastIndexOf(true) + 1;
	const all = alloc.map((n, i) => n + free[i]), misses = all.reduce((a, b) => a + b, 0);
	$("latency-words").textContent = misses === 0 ? "none" :
		`${count(misses)} misses; half within ${duration(quantile(all, 0.5))}, ` +
		`99 % within ${duration(quantile(all, 0.99))}`;
	$("latency-words").dataset.misses = misses;
	const set = (label, values, colour) => ({ label, data: values.slice(from, to),
		backgroundColor: css(colour), borderRadius: 3 });
	return { labels: used.map((_, i) => "< " + duration(2 ** (i + 1))).slice(from, to),
		datasets: [set("allocations", alloc, "--accent"), set("frees", free, "--second")] };
}

function latency() {
	const names = byMemory.map((c) => c.name).filter((name) =>
		times([name], "alloc").concat(times([name], "free")).some((n) => n > 0));
	if (names.length === 0) {
		$("latency-section").remove();
		return;
	}
	for (const name of ["all caches", ...names])
		text("option", name, $("latency-cache"));
	draw("latency", { type: "bar", data: latencyOf(names), options: { interaction: across,
		scales: { x: { grid: { display: false } },
			y: { type: "logarithmic", min: 0.8, ticks: { maxTicksLimit: 7,
				callback: (v) => Number.isInteger(Math.log10(v)) ? count(v) : "" } } } } });
	const chart = charts[charts.length - 1];
	$("latency-cache").onchange = (event) => {
		chart.data = latencyOf(event.target.selectedIndex === 0 ? names : [event.target.value]);
		chart.update();
	};
}

/* ---- Slabs and pages ---------------------------------------------------------------------------- */

const ninths = ["empty", "1/9", "2/9", "3/9", "4/9", "5/9", "6/9", "7/9", "8/9", "9/9", "full"];
const ninth = (r) => r.active_objs === 0 ? 0 : r.active_objs >= r.objperslab ? 10 :
	1 + Math.floor(r.active_objs * 9 / r.objperslab);

function fullness() {
	const names = shown.slice(0, 8);
	draw("fullness", { type: "bar", data: { labels: ninths, datasets: names.map((name) => ({
		label: name, backgroundColor: colourOf(name),
		data: ninths.map((_, i) => runs.filter((r) => r.cache === name && ninth(r) === i).length),
	})) }, options: { interaction: across, scales: { x: { stacked: true, grid: { display: false } },
		y: { stacked: true, title: { display: true, text: "slabs" } } } } });
}

function freeRuns() {
	const orders = [...Array(11).keys()];
	const pages = (dirty) => orders.map((o) => runs.filter((r) => r.state === "free" &&
		r.pages === 1 << o && r.dirty === dirty).length * (1 << o) * 4096);
	const sets = [["with memory", pages(true), palette[1]], ["given back", pages(false), palette[8]]];
	const most = Math.max(...orders.map((o) => sets[0][1][o] + sets[1][1][o]));
	draw("free", { type: "bar", data: { labels: orders.map((o) => bytes(4096 << o).replace(".00", "")
		.replace(".0", "")), datasets: sets.map(([label, data, backgroundColor]) =>
			({ label, data, backgroundColor, borderRadius: 3 })) },
		options: { interaction: across, scales: { x: { stacked: true, grid: { display: false } },
			y: { stacked: true, ticks: inBytes(most) } } } });
}

/* ---- The map ------------------------------------------------------------------------------------ */

function rgb(colour, part) {
	const n = parseInt(colour.slice(1), 16), back = parseInt(css("--card").slice(1), 16);
	return [16, 8, 0].map((s) => Math.round(((n >> s) & 255) * part + ((back >> s) & 255) * (1 - part)));
}

function map() {
	const cells = runs.reduce((s, r) => s + r.pages, 0), width = cells <= 8192 ? 128 : 256;
	if (cells === 0) {
		$("map-section").remove();
		return;
	}
	const canvas = $("map"), each = Math.max(1, Math.ceil(cells / (width * 256)));
	canvas.width = width;
	canvas.height = Math.ceil(cells / each / width);
	const context = canvas.getContext("2d"), image = context.createImageData(width, canvas.height);
	let page = 0;
	for (const r of runs) {
		let colour = rgb(css("--free"), r.dirty ? 1 : 0.5);
		if (r.state === "slab")
			colour = rgb(colourOf(r.cache), 0.3 + 0.7 * (r.objperslab ? r.active_objs / r.objperslab : 0));
		else if (r.state === "taken")
			colour = rgb("#98a2b3", 0.8);
		for (let i = 0; i < r.pages; i++, page++)
			image.data.set([...colour, 255], Math.floor(page / each) * 4);
	}
	context.putImageData(image, 0, 0);
	for (const name of [...shown, "other or taken", "free"]) {
		const entry = document.createElement("span"), box = document.createElement("i");
		box.style.background = name === "free" ? css("--free") : colourOf(name);
		entry.append(box, name);
		$("legend").append(entry);
	}
}

/* ---- Leaks ---------------------------------------------------------------------------------------- */

function leaks() {
	if (!data.leaks) {
		$("leaks-words").textContent = "were not looked for (option --leaks)";
		return;
	}
	const { lost_objects, lost_bytes, live_objects, lost } = data.leaks;
	$("leaks-words").textContent = lost_objects === 0 ? "none: the program has a pointer to each object" :
		`${count(lost_objects)} of ${count(live_objects)} objects, ${bytes(lost_bytes)}, ` +
		"to which the program has no pointer left";
	if (lost.length === 0)
		return;
	const header = document.createElement("tr");
	$("leaks").append(header);
	for (const label of ["cache", "objects", "memory", "one of them"])
		text("th", label, header);
	text("th", "allocated by", header).className = "words";
	for (const group of lost.slice(0, 100)) {
		const row = document.createElement("tr");
		for (const words of [group.cache, count(group.objects), bytes(group.bytes), group.example])
			text("td", words, row);
		text("td", group.stack.length !== 0 ? group.stack.join(" < ") : "not known (debug:U tells)",
			row).className = "words";
		row.dataset.bytes = group.bytes;
		$("leaks").append(row);
	}
}

head();
totals();
table("memory_bytes", false);
memory();
rates();
latency();
map();
fullness();
freeRuns();
leaks();
document.body.dataset.drawn = charts.length;

/* Colours follow the system's choice. */
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
