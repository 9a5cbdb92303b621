//! Tests of scenario files, plans and due times through the public interface of the crate.

mod auth;
mod client_certificates;
mod costs;
mod flows;
mod made_whole;
mod plan_bounds;
mod populations;
mod rows;
mod scenario_files;
mod scenario_hostile;
mod scenario_includes;
mod scenario_limits;
mod scenario_schema;
mod scenario_values;
mod scenario_vars;
mod schedule_laws;
mod stored_form;
mod stored_plans;
