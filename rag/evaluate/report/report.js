const list = document.getElementById('questions'), all = [...list.children];
const find = document.getElementById('find'), shown = document.getElementById('shown');
const picks = ['outcome', 'language'].map(id => document.getElementById(id));
const words = new Map(all.map(one => [one, one.textContent.toLowerCase()]));
function filter() {
  const wanted = find.value.toLowerCase();
  let count = 0;
  for (const one of all) {
    one.hidden = !words.get(one).includes(wanted) || picks.some(pick => pick.value && one.dataset[pick.id] !== pick.value);
    count += !one.hidden;
  }
  shown.textContent = count === all.length ? `${count} questions` : `${count} of ${all.length}`;
}
function sort(button) {
  const down = button.getAttribute('aria-sort') === 'ascending';
  for (const other of document.querySelectorAll('.heads button')) other.removeAttribute('aria-sort');
  button.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const by = button.dataset.by;
  all.sort((a, b) => (down ? -1 : 1) * a.dataset[by].localeCompare(b.dataset[by], undefined, {numeric: true}));
  list.append(...all);
}
for (const control of [find, ...picks]) control.addEventListener('input', filter);
for (const button of document.querySelectorAll('.heads button')) button.addEventListener('click', () => sort(button));
for (const button of document.querySelectorAll('[data-pick]')) button.addEventListener('click', () => {
  picks[0].value = button.dataset.pick;
  filter();
  list.closest('section').scrollIntoView({behavior: 'smooth'});
});
filter();
