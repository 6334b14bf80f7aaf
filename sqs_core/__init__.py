"""Everything that is true without a screen: letters, store, measures, charts. Never imports streamlit."""
