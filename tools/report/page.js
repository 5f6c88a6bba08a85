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
	const when = last.time_seconds ? new Date(last.time_seconds * 1000).toISOString() : "a core";
	$("title").textContent = "ukmem in " + last.target;
	$("subtitle").textContent = `ukmem ${last.ukmem}, ${when}, ${samples.length} ` +
		(samples.length === 1 ? "sample" : "samples");
	document.title = "ukmem in " + last.target;
	for (const [bad, words] of [[last.damaged, "The heap contradicts itself: damaged."],
		[!last.steady, "Some caches changed while they were read."]])
		if (bad)
			text("p", words, $("subtitle").parentNode.insertBefore(
				document.createElement("div"), $("numbers"))).className = "bad";
}

function totals() {
	const sum = (f) => last.caches.reduce((s, c) => s + f(c), 0);
	const slabs = sum((c) => c.memory_bytes);
	const used = sum((c) => c.live_objs * c.object_size_bytes);
	for (const [id, value, label] of [
		["slab-bytes", bytes(slabs), "in slabs"],
		["live-bytes", bytes(used), "in live objects"],
		["waste", percent(slabs - used, slabs), "of slabs in no live object"],
		["live-objects", count(sum((c) => c.live_objs)), "live objects"],
		["parked", count(sum((c) => c.cpuavail + c.sharedavail + c.alienavail)), "wait in arrays"],
		["free-bytes", bytes(last.pages_free_bytes), "in free pages"]]) {
		const box = document.createElement("div");
		text("b", value, box).id = id;
		text("span", label, box);
		$("numbers").append(box);
	}
}

const columns = [
	["name", "cache", (c) => c.name, (c) => c.name],
	["live_objs", "live", (c) => c.live_objs, (c) => count(c.live_objs)],
	["parked", "waiting", (c) => c.cpuavail + c.sharedavail + c.alienavail, null],
	["object_size_bytes", "size", (c) => c.object_size_bytes, null],
	["num_slabs", "slabs", (c) => c.num_slabs, null],
	["memory_bytes", "memory", (c) => c.memory_bytes, (c) => bytes(c.memory_bytes)],
	["waste", "waste", (c) => c.memory_bytes - c.live_objs * c.object_size_bytes,
		(c) => percent(c.memory_bytes - c.live_objs * c.object_size_bytes, c.memory_bytes)],
	["alloc_refills", "refills", (c) => c.alloc_refills, null],
	["free_flushes", "flushes", (c) => c.free_flushes, null],
];

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
		for (const [id, , exact, shape] of columns) {
			const cell = text("td", shape ? shape(cache) : count(exact(cache)), row);
			cell.dataset.key = id;
			cell.dataset.value = exact(cache);
		}
		$("caches").append(row);
	}
}

/* ---- Charts --------------------------------------------------------------------------------- */

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.color = css("--dim");
Chart.defaults.borderColor = css("--line");
const charts = [];
const draw = (id, config) => charts.push(new Chart($(id), config));

const seconds = samples.map((s) => (s.time_seconds - samples[0].time_seconds).toFixed(1));
const find = (sample, name) => sample.caches.find((c) => c.name === name);

function memory() {
	const series = (name, value) => ({ label: name, data: samples.map(value),
		borderColor: colourOf(name), backgroundColor: colourOf(name) + "99", borderWidth: 1,
		pointRadius: samples.length === 1 ? 3 : 0 });
	const sets = shown.map((name) => series(name, (s) => (find(s, name) || {}).memory_bytes || 0));
	sets.push(series("other", (s) => s.caches.filter((c) => !shown.includes(c.name))
		.reduce((sum, c) => sum + c.memory_bytes, 0)));
	sets.forEach((set, i) => { set.fill = i === 0 ? "origin" : "-1"; });
	if (samples.length === 1) {
		draw("memory", { type: "bar", data: { labels: sets.map((s) => s.label),
			datasets: [{ data: sets.map((s) => s.data[0]),
				backgroundColor: sets.map((s) => s.borderColor) }] },
			options: { plugins: { legend: { display: false } },
				scales: { y: { ticks: { callback: bytes } } } } });
		return;
	}
	draw("memory", { type: "line", data: { labels: seconds, datasets: sets },
		options: { interaction: { mode: "index", intersect: false },
			scales: { x: { title: { display: true, text: "seconds" } },
				y: { stacked: true, min: 0, ticks: { callback: bytes } } } } });
}

function misses() {
	if (samples.length < 2) {
		$("misses-section").remove();
		return;
	}
	const rate = (name, i) => {
		const now = find(samples[i], name), before = find(samples[i - 1], name);
		const time = samples[i].time_seconds - samples[i - 1].time_seconds;
		if (!now || !before || time <= 0)
			return null;
		return (now.alloc_refills + now.free_flushes - before.alloc_refills -
			before.free_flushes) / time;
	};
	draw("misses", { type: "line", data: { labels: seconds.slice(1),
		datasets: shown.map((name) => ({ label: name, borderColor: colourOf(name),
			backgroundColor: colourOf(name), borderWidth: 2, pointRadius: 0,
			data: samples.slice(1).map((_, i) => rate(name, i + 1)) })) },
		options: { interaction: { mode: "index", intersect: false },
			scales: { x: { title: { display: true, text: "seconds" } }, y: { min: 0 } } } });
}

function latency() {
	if (!data.latency_ns) {
		$("latency-section").remove();
		return;
	}
	draw("latency", { type: "bar", data: { labels: data.latency_ns.map((b) => b.up_to_ns + " ns"),
		datasets: [{ data: data.latency_ns.map((b) => b.count), backgroundColor: css("--accent") }] },
		options: { plugins: { legend: { display: false } } } });
}

const ninths = ["empty", "1/9", "2/9", "3/9", "4/9", "5/9", "6/9", "7/9", "8/9", "9/9", "full"];
const ninth = (r) => r.active_objs === 0 ? 0 : r.active_objs >= r.objperslab ? 10 :
	1 + Math.floor(r.active_objs * 9 / r.objperslab);

function fullness() {
	const names = shown.slice(0, 8);
	draw("fullness", { type: "bar", data: { labels: ninths, datasets: names.map((name) => ({
		label: name, backgroundColor: colourOf(name),
		data: ninths.map((_, i) => runs.filter((r) => r.cache === name && ninth(r) === i).length),
	})) }, options: { scales: { x: { stacked: true }, y: { stacked: true } } } });
}

function freeRuns() {
	const orders = [...Array(11).keys()];
	const pages = (dirty) => orders.map((o) => runs.filter((r) => r.state === "free" &&
		r.pages === 1 << o && r.dirty === dirty).length * (1 << o) * 4096);
	draw("free", { type: "bar", data: { labels: orders.map((o) => bytes(4096 << o)),
		datasets: [{ label: "with memory", data: pages(true), backgroundColor: palette[1] },
			{ label: "given back", data: pages(false), backgroundColor: palette[8] }] },
		options: { scales: { x: { stacked: true },
			y: { stacked: true, ticks: { callback: bytes } } } } });
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
		let colour = rgb(css("--line"), r.dirty ? 1 : 0.35);
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
		box.style.background = name === "free" ? css("--line") : colourOf(name);
		entry.append(box, name);
		$("legend").append(entry);
	}
}

head();
totals();
table("memory_bytes", false);
memory();
misses();
latency();
map();
fullness();
freeRuns();
document.body.dataset.drawn = charts.length;

/* Colours follow the system's choice. */
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
